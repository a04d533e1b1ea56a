import createClient from "openapi-fetch";
import type { paths } from "./generated/airtexts.js";
import { delivered, key, other, recipient, secret, server } from "./stage.js";

const appid = "contract";

const connect = (secret: string) =>
  createClient<paths>({ baseUrl: server, headers: { "X-API-Key": key, "X-API-Secret": secret } });

const refusal = ({ error, response }: { error?: { code: string }; response: Response }) => [
  response.status,
  error?.code,
];

export async function airtexts() {
  const client = connect(secret);
  const send = (recipient: string, by = client, app = appid) =>
    by.POST("/otp/send", { body: { appid: app, recipient } });
  const verify = (otp_code: string) => client.POST("/otp/verify", { body: { appid, verification_id, otp_code } });
  const resend = () => client.POST("/otp/resend", { body: { appid, verification_id } });
  const status = (verification_id: string) =>
    client.GET("/otp/status/{verification_id}", { params: { path: { verification_id } } });
  const query = { appid, recipient };

  const { verification_id, data } = (await send(recipient)).data!;
  const wrong = refusal(await verify(other(await delivered())));
  const before = (await status(verification_id)).data!.data;
  const resent = (await resend()).data!;
  const code = await delivered();
  return {
    send: [data.status, data.delivery_status],
    "wrong code": wrong,
    status: [before.status, before.attempts],
    resends: resent.data.resend_count,
    "right code": (await verify(code)).data?.verified,
    again: refusal(await verify(code)),
    "newest of the recipient": (await client.GET("/otp/status", { params: { query } })).data?.status,
    listed: (await client.GET("/otp/list", { params: { query } })).data?.data.total,
    "malformed number": refusal(await send("12345")),
    "foreign appid": refusal(await send(recipient, client, "foreign")),
    "unknown OTP": refusal(await status("otp_0000000000000000")),
    "wrong secret": refusal(await send(recipient, connect("wrong"))),
  };
}
