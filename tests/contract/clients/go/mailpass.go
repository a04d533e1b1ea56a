package main

import (
	"clients/generated/mailpass"
	"context"
	"net/http"
	"strings"
)

func mailPass() map[string]any {
	configuration := mailpass.NewConfiguration()
	configuration.Servers = mailpass.ServerConfigurations{{URL: server}}
	client := mailpass.NewAPIClient(configuration)
	as := func(key string) context.Context {
		return context.WithValue(context.Background(), mailpass.ContextAccessToken, key)
	}
	ctx := as(key)

	send := func(ctx context.Context, email string) (*mailpass.SentAnswer, *http.Response, error) {
		body := mailpass.SendOtp{Email: email}
		body.SetTemplate("login")
		return client.OtpAPI.SendOtp(ctx).SendOtp(body).Execute()
	}
	session := must(send(ctx, recipient)).Data.SessionId
	verify := func(code string) (*mailpass.VerifiedAnswer, *http.Response, error) {
		body := mailpass.VerifyOtp{SessionId: session, Code: code}
		return client.OtpAPI.VerifyOtp(ctx).VerifyOtp(body).Execute()
	}
	resend := func() (*mailpass.ResentAnswer, *http.Response, error) {
		return client.OtpAPI.ResendOtp(ctx).ResendOtp(mailpass.ResendOtp{SessionId: session}).Execute()
	}
	status := func(session string) (*mailpass.StatusAnswer, *http.Response, error) {
		return client.OtpAPI.GetOtpStatus(ctx, session).Execute()
	}
	refusal := func(_ any, answer *http.Response, err error) []any {
		return []any{answer.StatusCode, refused[mailpass.Failure](err).Error.Code}
	}

	wrong := refusal(verify(other(delivered("newest"))))
	before := must(status(session)).Data
	resent := must(resend()).Data
	code := delivered("newest")
	return map[string]any{
		"wrong code":               wrong,
		"status":                   []any{before.Status, before.Attempts, before.MaxAttempts},
		"resend keeps the session": resent.SessionId == session,
		"right code":               must(verify(code)).Data.Verified,
		"again":                    refusal(verify(code)),
		"status afterwards":        must(status(session)).Data.Status,
		"resend afterwards":        refusal(resend()),
		"malformed address":        refusal(send(ctx, "nobody")),
		"unknown session":          refusal(status(strings.Repeat("0", 32))),
		"wrong key":                refusal(send(as("wrong"), recipient)),
	}
}
