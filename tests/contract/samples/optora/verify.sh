curl -X POST https://your-app.vercel.app/api/otp/verify \ -H "Content-Type: application/json" \ -d '{"email": "user@example.com", "otp": "482910"}'
