// What the suite tells the programs, and whoever reads the messages.
const told = process.env as Record<string, string>;

export const server = told.VERIFYD_URL;
export const key = told.VERIFYD_KEY;
export const secret = told.VERIFYD_SECRET;
export const recipient = told.RECIPIENT;

/** The code in a message: the newest one, or that of an id. */
export async function delivered(message = "newest"): Promise<string> {
  return (await fetch(`${told.SINK}/code/${message}`)).text();
}

/** A code of the same form that is wrong. */
export const other = (code: string) => (code.startsWith("0") ? "1" : "0") + code.slice(1);
