// Creates, checks and deletes an assignment with the client that @hey-api/openapi-ts generates.
import { client } from './generated/hey-api/client.gen.js';
import {
  catalogLicensesUserAssignmentCheckRetrieve as check,
  catalogLicensesUserAssignmentCreate as create,
  catalogLicensesUserAssignmentDestroy as destroy,
} from './generated/hey-api/index.js';
import { given, tell } from './scene.js';

const { address, key, license, email } = given;
client.setConfig({ baseUrl: address, auth: `Api-Key ${key}` });

const created = await create({ query: { license_id: license }, body: { license_id: license, email } });
const checked = await check({ query: { email } });
await destroy({ query: { license_id: license, assignment_id: created.data!.id } });
const refused = await check({ query: { email } });

tell(created.data!.email, created.data!.active, checked.data!.active, refused.error!.code);
