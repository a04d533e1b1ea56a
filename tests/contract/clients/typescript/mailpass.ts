import createClient from "openapi-fetch";
import type { paths } from "./generated/mailpass.js";
import { delivered, key, other, recipient, server } from "./stage.js";

const connect = (key: string) => createClient<paths>({ baseUrl: server, headers: { Authorization: `Bearer ${key}` } });

const refusal = ({ error, response }: { error?: { error: { code: string } }; response: Response }) => [
  response.status,
  error?.error.code,
];

export async function mailpass() {
  const client = connect(key);
  const send = (email: string, by = client) => by.POST("/api/v1/otp/send", { body: { email, template: "login" } });
  const verify = (code: string) => client.POST("/api/v1/otp/verify", { body: { session_id, code } });
  const resend = () => client.POST("/api/v1/otp/resend", { body: { session_id } });
  const status = (session_id: string) =>
    client.GET("/api/v1/otp/status/{session_id}", { params: { path: { session_id } } });

  const { session_id } = (await send(recipient)).data!.data;
  const wrong = refusal(await verify(other(await delivered())));
  const before = (await status(session_id)).data!.data;
  const resent = (await resend()).data!.data;
  const code = await delivered();
  return {
    "wrong code": wrong,
    status: [before.status, before.attempts, before.max_attempts],
    "resend keeps the session": resent.session_id === session_id,
    "right code": (await verify(code)).data?.data.verified,
    again: refusal(await verify(code)),
    "status afterwards": (await status(session_id)).data?.data.status,
    "resend afterwards": refusal(await resend()),
    "malformed address": refusal(await send("nobody")),
    "unknown session": refusal(await status("0".repeat(32))),
    "wrong key": refusal(await send(recipient, connect("wrong"))),
  };
}
