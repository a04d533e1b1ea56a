// A message centre of another make (npm `smpp`) for the provider tests: `smsc.js [--tls CERT KEY] [--hex]`.
//
// Binds "otp" with "secret". Prints JSON lines: {"port": N} first, then one per thing that happens. Message ids are numbers
// from 171, in hexadecimal with --hex. Obeys JSON lines on standard input:
//   {"answers": [88, "silence", "drop", …]}   to the next submits, instead of "taken"
//   {"receipt": {"id", "stat", "err", "tlvs"}} with a text, with TLVs, or both
//   {"deliver": {…}}                           any deliver_sm; `part: [ref, total, number]` gives it a header
//   {"enquire": true}, {"unbind": true}, {"drop": true}, {"raw": "hex"}

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import smpp from "smpp";

const options = process.argv.slice(2);
const tls = options.indexOf("--tls");
const secure = tls < 0 ? {} : { cert: readFileSync(options[tls + 1]), key: readFileSync(options[tls + 2]) };
const STATES = { ENROUTE: 1, DELIVRD: 2, EXPIRED: 3, DELETED: 4, UNDELIV: 5, ACCEPTD: 6, UNKNOWN: 7, REJECTD: 8 };

const say = (event) => process.stdout.write(JSON.stringify(event) + "\n");
const answers = [];
let current = null; // the session that is bound
let lastId = 170;

function nextId() {
  lastId += 1;
  return options.includes("--hex") ? lastId.toString(16) : String(lastId);
}

function submitted(session, pdu) {
  const answer = answers.shift() ?? 0;
  const taken = answer === 0 ? { message_id: nextId() } : {};
  const { message, udh } = pdu.short_message;
  say({
    submit: {
      id: taken.message_id,
      from: [pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr],
      to: [pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr],
      text: pdu.message_payload?.message ?? message,
      payload: pdu.message_payload !== undefined,
      header: udh?.map((element) => element.toString("hex")),
      coding: pdu.data_coding,
      esm_class: pdu.esm_class,
      registered: pdu.registered_delivery,
      validity: pdu.validity_period,
    },
  });
  if (answer === "drop") session.destroy();
  else if (answer !== "silence") session.send(pdu.response({ command_status: answer, ...taken }));
}

function deliver(fields) {
  const { part, text, ...pdu } = fields;
  if (text !== undefined) pdu.short_message = text;
  if (part) {
    pdu.short_message = { udh: Buffer.from([5, 0, 3, ...part]), message: text };
  }
  current.deliver_sm(pdu, (answer) => say({ kept: answer.command_status }));
}

function receipt({ id, stat, err = "000", tlvs, text = true }) {
  const times = "submit date:2611210543 done date:2611210544";
  const words = `id:${id} sub:001 dlvrd:001 ${times} stat:${stat} err:${err} text:...`;
  const told = tlvs ? { receipted_message_id: tlvs, message_state: STATES[stat] } : {};
  deliver({ source_addr: "6591234567", destination_addr: "Shop", esm_class: 4, text: text ? words : "", ...told });
}

const server = smpp.createServer(secure, (session) => {
  session.on("error", () => {});
  session.on("bind_transceiver", (pdu) => {
    const known = pdu.system_id === "otp" && pdu.password === "secret";
    say({ bind: { known, type: pdu.system_type, version: pdu.interface_version, tls: tls >= 0 } });
    session.send(pdu.response(known ? { system_id: "centre" } : { command_status: smpp.ESME_RBINDFAIL }));
    if (known) current = session;
  });
  session.on("submit_sm", (pdu) => submitted(session, pdu));
  session.on("enquire_link", (pdu) => {
    say({ enquired: true });
    session.send(pdu.response());
  });
  session.on("unbind", (pdu) => {
    say({ unbound: true });
    session.send(pdu.response());
    session.close();
  });
  session.on("close", () => say({ closed: true }));
});
server.listen(0, "127.0.0.1", () => say({ port: server.address().port }));

const commands = {
  answers: (list) => answers.push(...list),
  receipt,
  deliver,
  enquire: () => current.enquire_link((answer) => say({ alive: answer.command_status })),
  unbind: () => current.unbind((answer) => say({ ended: answer.command_status })),
  drop: () => current.destroy(),
  raw: (hex) => current.socket.write(Buffer.from(hex, "hex")),
};
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  say({ heard: true });
  for (const [name, value] of Object.entries(JSON.parse(line))) commands[name](value);
});
lines.on("close", () => process.exit(0));
