import createClient from "openapi-fetch";
import type { paths } from "./generated/engagelab.js";
import { delivered, key, other, recipient, secret, server } from "./stage.js";

const connect = (secret: string) =>
  createClient<paths>({ baseUrl: server, headers: { Authorization: `Basic ${btoa(`${key}:${secret}`)}` } });

const refusal = ({ error, response }: { error?: { code: number }; response: Response }) => [
  response.status,
  error?.code,
];

export async function engagelab() {
  const client = connect(secret);
  const send = (to: string, id: string, by = client) =>
    by.POST("/v1/messages", { body: { to, template: { id, params: { name: "Ada" } } } });
  const verify = (message_id: string, verify_code: string) =>
    client.POST("/v1/verifications", { body: { message_id, verify_code } });
  const sendCustom = (to: string[]) => {
    const template = { id: "otp", params: { name: "Ada", code: "398210" } };
    return client.POST("/v1/custom-messages", { body: { to, template } });
  };

  const sent = (await send(recipient, "otp")).data!;
  const code = await delivered(sent.message_id);
  return {
    send: sent.send_channel,
    "wrong code": (await verify(sent.message_id, other(code))).data?.verified,
    "right code": (await verify(sent.message_id, code)).data?.verified,
    again: refusal(await verify(sent.message_id, code)),
    "targets in a list": (await sendCustom([recipient])).data?.send_channel,
    templates: (await client.GET("/v1/template-configs")).data?.map((template) => template.template_id),
    "malformed number": refusal(await send("12345", "otp")),
    "unknown template": refusal(await send(recipient, "nothing")),
    "wrong secret": refusal(await send(recipient, "otp", connect("wrong"))),
  };
}
