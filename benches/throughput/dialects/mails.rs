//! Mails as the other APIs write them, as templates of EngageLab's: what is compared are the APIs, not how long their mails are.

/// As `MailPass` does.
pub(super) const LETTER: &str = "<!doctype html>
<html lang=\"en\">
<body style=\"font-family:sans-serif;font-size:16px;line-height:1.5\">
<p>Use this code to continue:</p>
<p style=\"font-size:32px;font-weight:bold;letter-spacing:8px\">{{code}}</p>
<p>It is valid for 10 minutes.</p>
<p style=\"font-size:13px;color:gray\">If you did not ask for it, you can ignore this email.</p>
</body>
</html>
";

/// As Optora does.
pub(super) const CARD: &str = "<!doctype html>
<html lang=\"en\">
<body style=\"margin:0;padding:32px 16px;background:#f4f6f2\">
<div style=\"max-width:480px;margin:0 auto;padding:32px;background:#ffffff;border:1px solid #dfe3dc;\
border-radius:12px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;color:#1c2521;\
font-size:16px;line-height:1.5\">
<p style=\"margin:0\">Your Bench verification code</p>
<p style=\"margin:24px 0;padding:20px 8px;background:#eef3ef;border-radius:8px;text-align:center;\
font-family:ui-monospace,Menlo,Consolas,monospace;font-size:32px;font-weight:bold;letter-spacing:8px;color:#0d4b3e\">\
{{code}}</p>
<p style=\"margin:0\">This code expires in 10 minutes.</p>
<p style=\"margin:24px 0 0;font-size:14px;color:#5c6862\">Didn't request this? You can ignore this mail: nothing happens \
without you.</p>
</div>
<p style=\"margin:16px auto 0;max-width:480px;text-align:center;font-size:12px;color:#7a857f\">Sent by verifyd</p>
</body>
</html>
";
