// Holds docs/realtime/asyncapi.yaml against the official schema of its AsyncAPI version.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
const require = createRequire(import.meta.url)
const Ajv = require('ajv').default
const formats = require('ajv-formats').default
const yaml = require('js-yaml')
const document = yaml.load(readFileSync(new URL('../../../docs/realtime/asyncapi.yaml', import.meta.url), 'utf8'))
const schema = require(`@asyncapi/specs/schemas/${document.asyncapi}-without-$id.json`)
const ajv = new Ajv({ strict: false, allErrors: true, logger: false, unicodeRegExp: false })
formats(ajv)
const fits = ajv.compile(schema)
if (!fits(document)) {
  for (const e of fits.errors.slice(0, 20)) console.error(`${e.instancePath}: ${e.message}`, JSON.stringify(e.params))
  process.exit(1)
}
