import createClient from "openapi-fetch";
import type { paths } from "./generated/optora.js";
import { delivered, other, recipient, server } from "./stage.js";

const refusal = ({ error, response }: { error?: { error: string }; response: Response }) => [
  response.status,
  error?.error,
];

export async function optora() {
  const client = createClient<paths>({ baseUrl: server });
  const send = (email: string) => client.POST("/api/otp/generate", { body: { email } });
  const sendLink = (email: string) => client.POST("/api/otp/send-link", { body: { email } });
  const verify = (otp: string) => client.POST("/api/otp/verify", { body: { email: recipient, otp } });
  const status = async (request_id: string) =>
    (await client.GET("/api/otp/status/{request_id}", { params: { path: { request_id } } })).data!;

  const sent = (await send(recipient)).data!;
  const code = await delivered();
  const wrong = refusal(await verify(other(code)));
  const resent = (await send(recipient)).data!;
  const right = (await verify(code)).data?.verified;
  const again = refusal(await verify(code));
  const known = await status(sent.requestId);
  const unknown = await status("0".repeat(32));
  return {
    send: sent.mode,
    "wrong code": wrong,
    "resend keeps the request": resent.requestId === sent.requestId,
    "right code": right,
    again,
    status: [known.found, known.verified],
    "unknown request": [unknown.found, unknown.expired],
    link: (await sendLink(`link.${recipient}`)).data?.mode,
    "malformed address": refusal(await send("nobody")),
  };
}
