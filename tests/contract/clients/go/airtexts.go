package main

import (
	"clients/generated/airtexts"
	"context"
	"net/http"
)

const appid = "contract"

func airTexts() map[string]any {
	configuration := airtexts.NewConfiguration()
	configuration.Servers = airtexts.ServerConfigurations{{URL: server}}
	client := airtexts.NewAPIClient(configuration)
	as := func(secret string) context.Context {
		keys := map[string]airtexts.APIKey{"apiKey": {Key: key}, "apiSecret": {Key: secret}}
		return context.WithValue(context.Background(), airtexts.ContextAPIKeys, keys)
	}
	ctx := as(secret)

	send := func(ctx context.Context, appid, recipient string) (*airtexts.OtpSent, *http.Response, error) {
		body := airtexts.SendOtp{Appid: appid, Recipient: recipient}
		return client.OtpAPI.SendOtp(ctx).SendOtp(body).Execute()
	}
	sent := must(send(ctx, appid, recipient))
	verify := func(code string) (*airtexts.OtpVerified, *http.Response, error) {
		body := airtexts.VerifyOtp{Appid: appid, VerificationId: &sent.VerificationId, OtpCode: code}
		return client.OtpAPI.VerifyOtp(ctx).VerifyOtp(body).Execute()
	}
	status := func(id string) (*airtexts.OtpShown, *http.Response, error) {
		return client.ReportsAPI.GetStatusById(ctx, id).Execute()
	}
	refusal := func(_ any, answer *http.Response, err error) []any {
		return []any{answer.StatusCode, refused[airtexts.Error](err).Code}
	}

	wrong := refusal(verify(other(delivered("newest"))))
	before := must(status(sent.VerificationId)).Data
	again := airtexts.ResendOtp{Appid: appid, VerificationId: &sent.VerificationId}
	resent := must(client.OtpAPI.ResendOtp(ctx).ResendOtp(again).Execute())
	code := delivered("newest")
	newest := client.ReportsAPI.GetStatus(ctx).Appid(appid).Recipient(recipient)
	list := client.ReportsAPI.ListOtps(ctx).Appid(appid).Recipient(recipient)
	return map[string]any{
		"send":                    []any{sent.Data.Status, sent.Data.DeliveryStatus},
		"wrong code":              wrong,
		"status":                  []any{before.Status, before.Attempts},
		"resends":                 resent.Data.ResendCount,
		"right code":              must(verify(code)).Verified,
		"again":                   refusal(verify(code)),
		"newest of the recipient": must(newest.Execute()).Status,
		"listed":                  must(list.Execute()).Data.Total,
		"malformed number":        refusal(send(ctx, appid, "12345")),
		"foreign appid":           refusal(send(ctx, "foreign", recipient)),
		"unknown OTP":             refusal(status("otp_0000000000000000")),
		"wrong secret":            refusal(send(as("wrong"), appid, recipient)),
	}
}
