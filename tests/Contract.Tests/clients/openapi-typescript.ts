// Creates, checks and deletes an assignment with openapi-fetch and the types that openapi-typescript generates.
import createClient from 'openapi-fetch';
import type { paths } from './generated/openapi-typescript.js';
import { given, tell } from './scene.js';

const { address, key, license, email } = given;
const client = createClient<paths>({ baseUrl: address, headers: { Authorization: `Api-Key ${key}` } });

const created = await client.POST('/api/catalog/licenses/user/assignment/', {
  params: { query: { license_id: license } },
  body: { license_id: license, email },
});
const checked = await client.GET('/api/catalog/licenses/user/assignment/check/', { params: { query: { email } } });
await client.DELETE('/api/catalog/licenses/user/assignment/', {
  params: { query: { license_id: license, assignment_id: created.data!.id } },
});
const refused = await client.GET('/api/catalog/licenses/user/assignment/check/', { params: { query: { email } } });

tell(created.data!.email, created.data!.active, checked.data!.active, refused.error!.code);
