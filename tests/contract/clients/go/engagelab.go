package main

import (
	"clients/generated/engagelab"
	"context"
	"net/http"
)

func engageLab() map[string]any {
	configuration := engagelab.NewConfiguration()
	configuration.Servers = engagelab.ServerConfigurations{{URL: server}}
	client := engagelab.NewAPIClient(configuration)
	as := func(secret string) context.Context {
		login := engagelab.BasicAuth{UserName: key, Password: secret}
		return context.WithValue(context.Background(), engagelab.ContextBasicAuth, login)
	}
	ctx := as(secret)

	send := func(ctx context.Context, to, id string) (*engagelab.MessageAccepted, *http.Response, error) {
		template := engagelab.TemplateRef{Id: id}
		template.SetParams(map[string]string{"name": "Ada"})
		body := engagelab.SendMessage{To: to, Template: template}
		return client.MessagesAPI.SendMessage(ctx).SendMessage(body).Execute()
	}
	sendCustom := func(to ...string) (*engagelab.MessageAccepted, *http.Response, error) {
		template := engagelab.CustomTemplateRef{Id: "otp"}
		template.SetParams(map[string]string{"name": "Ada", "code": "398210"})
		body := engagelab.SendCustomMessage{To: to, Template: template}
		return client.MessagesAPI.SendCustomMessage(ctx).SendCustomMessage(body).Execute()
	}
	sent := must(send(ctx, recipient, "otp"))
	verify := func(code string) (*engagelab.Verification, *http.Response, error) {
		body := engagelab.VerifyCode{MessageId: sent.MessageId, VerifyCode: code}
		return client.VerificationsAPI.VerifyCode(ctx).VerifyCode(body).Execute()
	}
	refusal := func(_ any, answer *http.Response, err error) []any {
		return []any{answer.StatusCode, refused[engagelab.Error](err).Code}
	}
	templates := []string{}
	for _, template := range must(client.TemplatesAPI.ListTemplates(ctx).Execute()) {
		templates = append(templates, template.TemplateId)
	}

	code := delivered(sent.MessageId)
	return map[string]any{
		"send":              sent.SendChannel,
		"wrong code":        must(verify(other(code))).Verified,
		"right code":        must(verify(code)).Verified,
		"again":             refusal(verify(code)),
		"targets in a list": must(sendCustom(recipient)).SendChannel,
		"templates":         templates,
		"malformed number":  refusal(send(ctx, "12345", "otp")),
		"unknown template":  refusal(send(ctx, recipient, "nothing")),
		"wrong secret":      refusal(send(as("wrong"), recipient, "otp")),
	}
}
