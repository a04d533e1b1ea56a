// Runs the client of the API that the command line names; prints what it saw as one JSON object.
import { airtexts } from "./airtexts.js";
import { engagelab } from "./engagelab.js";
import { mailpass } from "./mailpass.js";
import { optora } from "./optora.js";

const programs: Record<string, () => Promise<object>> = { airtexts, engagelab, mailpass, optora };

console.log(JSON.stringify(await programs[process.argv[2]]()));
