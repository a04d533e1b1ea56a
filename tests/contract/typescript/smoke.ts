// Sends and verifies with the generated types; prints what it saw as one JSON object.
import createClient from "openapi-fetch";
import type { paths } from "./generated/schema.js";

const { SINK, VERIFYD_KEY, VERIFYD_SECRET, VERIFYD_URL } = process.env;

function connect(secret: string) {
  const token = Buffer.from(`${VERIFYD_KEY}:${secret}`).toString("base64");
  return createClient<paths>({ baseUrl: VERIFYD_URL, headers: { Authorization: `Basic ${token}` } });
}

async function deliveredCode(messageId: string): Promise<string> {
  const message = (await (await fetch(`${SINK}/message/${messageId}`)).json()) as { text: string };
  return /<([^>]+)>/.exec(message.text)![1];
}

const client = connect(VERIFYD_SECRET!);
const send = (to: string, id: string, by = client) =>
  by.POST("/v1/messages", { body: { to, template: { id, params: { name: "Ada" } } } });
const verify = (message_id: string, verify_code: string) =>
  client.POST("/v1/verifications", { body: { message_id, verify_code } });
const refusal = (answer: { error?: { code: number }; response: Response }) => [
  answer.response.status,
  answer.error?.code,
];

const sent = (await send("+6592000001", "otp")).data!;
const code = await deliveredCode(sent.message_id);
const templates = (await client.GET("/v1/template-configs")).data!;

console.log(
  JSON.stringify({
    send: sent.send_channel,
    "wrong code": (await verify(sent.message_id, "wrong0")).data?.verified,
    "right code": (await verify(sent.message_id, code)).data?.verified,
    again: refusal(await verify(sent.message_id, code)),
    "malformed number": refusal(await send("12345", "otp")),
    "unknown template": refusal(await send("+6592000002", "nothing")),
    templates: templates.map((template) => template.template_id),
    "wrong secret": refusal(await send("+6592000003", "otp", connect("wrong"))),
  }),
);
