package main

import (
	"clients/generated/optora"
	"context"
	"net/http"
	"strings"
)

func optoraV2() map[string]any {
	configuration := optora.NewConfiguration()
	configuration.Servers = optora.ServerConfigurations{{URL: server}}
	client := optora.NewAPIClient(configuration)
	ctx := context.Background()

	send := func(email string) (*optora.Sent, *http.Response, error) {
		return client.CodesAPI.GenerateOtp(ctx).Generate(optora.Generate{Email: email}).Execute()
	}
	verify := func(code string) (*optora.Verified, *http.Response, error) {
		return client.CodesAPI.VerifyOtp(ctx).Verify(optora.Verify{Email: recipient, Otp: code}).Execute()
	}
	refusal := func(_ any, answer *http.Response, err error) []any {
		return []any{answer.StatusCode, refused[optora.Error](err).Error}
	}

	sent := must(send(recipient))
	code := delivered("newest")
	wrong := refusal(verify(other(code)))
	resent := must(send(recipient))
	right := must(verify(code)).Verified
	again := refusal(verify(code))
	known := must(client.StatusAPI.GetStatus(ctx, sent.RequestId).Execute())
	unknown := must(client.StatusAPI.GetStatus(ctx, strings.Repeat("0", 32)).Execute())
	link := must(client.LinksAPI.SendLink(ctx).SendLink(optora.SendLink{Email: "link." + recipient}).Execute())
	return map[string]any{
		"send":                     sent.Mode,
		"wrong code":               wrong,
		"resend keeps the request": resent.RequestId == sent.RequestId,
		"right code":               right,
		"again":                    again,
		"status":                   []any{known.Found, known.Verified},
		"unknown request":          []any{unknown.Found, unknown.Expired},
		"link":                     link.Mode,
		"malformed address":        refusal(send("nobody")),
	}
}
