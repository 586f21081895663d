// What a test hands to a client, and what the client hands back.
declare const process: { argv: string[] };

const [, , address, key, license, email] = process.argv as [string, string, string, string, string, string];

export const given = { address, key, license: Number(license), email };

export function tell(created: string | null, active: boolean, checked: boolean, refused: string): void {
  console.log(JSON.stringify({ created, active, checked, refused }));
}
