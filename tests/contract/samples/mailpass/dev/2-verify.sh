# 2. Verify OTP
curl -X POST https://dev.mailpass.im/api/v1/otp/verify \
  -H "Authorization: Bearer YOUR_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{"session_id": "abc123...", "code": "123456"}'
