// A client as people wrote them for otp-service, Optora's ancestor: HABIT is how it judges an answer. It is run with the mail at
// hand; prints, as one JSON object, what it took for a success and what it showed to its user.
const { BASE, EMAIL, HABIT, MAIL } = process.env;

const HABITS = {
  status: (response) => response.ok,
  message: (response, body, message) => body.message === message,
  error: (response, body) => !body.error,
};

async function call(path, fields, message) {
  const response = await fetch(`${BASE}/api/otp/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: EMAIL, ...fields }),
  });
  const body = await response.json();
  return { good: HABITS[HABIT](response, body, message), shown: body.error ?? body.message };
}

const generate = () => call(
  "generate",
  { type: "numeric", organization: "Acme", subject: "OTP Verification" },
  "OTP is generated and sent to your email",
);
const verify = (otp) => call("verify", { otp }, "OTP is verified");

const saw = { sent: await generate() };
const mail = await (await fetch(MAIL)).json();
const code = mail.text.match(/^\d{6}$/m)[0];
saw.wrong = await verify(code === "000000" ? "000001" : "000000");
saw.right = await verify(code);
saw.again = await verify(code);
console.log(JSON.stringify(saw));
