// Holds docs/realtime/asyncapi.yaml against the official schema of its AsyncAPI version.
import { createRequire } from 'node:module'
import { readdirSync, readFileSync } from 'node:fs'
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

// And holds what it says of channels, with docs/realtime.md and the SDK's types, against the kinds that the code registers: what each
// shows, as far as the code says so in one place (me), and what is signalled there.
const root = new URL('../../../', import.meta.url)
const read = (path) => readFileSync(new URL(path, root), 'utf8')
const files = (folder, fits) => readdirSync(new URL(folder, root)).filter((f) => fits.test(f) && !f.endsWith('_test.go')).map((f) => read(folder + f))
const all = (text, pattern) => [...text.matchAll(pattern)].map((m) => m[1])
const wrong = []
const same = (what, a, b) => JSON.stringify([...a].sort()) === JSON.stringify([...b].sort()) || wrong.push(`${what}: ${[...a].sort().join(', ') || 'nothing'} and not ${[...b].sort().join(', ') || 'nothing'}`)
/** A non-empty list, for what is not found where it was must not pass for nothing to be said. */
const some = (what, list) => list.length > 0 ? list : (wrong.push(`${what}: not found in the code any more; mend web/ui/scripts/asyncapi.mjs`), list)

const registered = new Map()
const kinds = files('realtime/', /^kind_.*\.go$/)
const signalsOf = (text, field) => all(text, new RegExp(`\\b${field}:\\s+map\\[string\\]func\\([^{]*\\{([^}]*)\\}`, 'g')).flatMap((x) => all(x, /"(\w+)":/g))
const aside = kinds.flatMap((text) => signalsOf(text, 'Aside')) // told to whoever hears a part of what their subject is told
for (const text of kinds) {
  for (const name of all(text, /= register\(&Kind\{\s*Name:\s+"(\w+)"/g)) {
    registered.set(name, [...new Set([...signalsOf(text, 'Tells'), ...all(text, /\bKeep:\s+"(\w+)"/g), ...(/\bHears:/.test(text) ? aside : [])])])
  }
}
const registrations = files('realtime/', /\.go$/).flatMap((text) => all(text, /= (register)\(/g)).length
if (registrations !== registered.size) wrong.push(`${registrations} kinds of channels are registered and ${registered.size} can be read here; mend web/ui/scripts/asyncapi.mjs`)

const events = files('internal/event/', /\.go$/).join('\n')
const projection = (constant) => all(events, new RegExp(`\\b${constant}\\s+Projection = "(\\w+)"`, 'g'))
const named = (type) => {
  const body = new RegExp(`func \\(\\w+ \\*${type}\\) Entity\\(\\) string \\{([\\s\\S]*?)\\}\\n`).exec(events)?.[1] ?? ''
  const on = body.includes('.on()') ? new RegExp(`func \\(\\w+ \\*${type}\\) on\\(\\) Projection \\{([\\s\\S]*?)\\n\\}`).exec(events)?.[1] ?? '' : ''
  return some(`the name of event.${type}`, [...all(body, /"(\w+)\//g), ...all(on, /\b(On\w+)/g).flatMap(projection)])
}
const me = some('what me shows', all(/type Me struct \{([\s\S]*?)\n\}/.exec(read('store/live.go'))?.[1] ?? '', /\bevent\.(\w+)/g)).flatMap(named)

const described = document.components.schemas.Channel['x-kinds'] ?? {}
const page = read('docs/realtime.md')
const types = read('web/sdk/src/documents.ts')
const client = read('web/sdk/src/client.ts')
const keys = (name) => all(new RegExp(`export type ${name} = \\{([^}]*)\\}`).exec(types)?.[1] ?? '', /(\w+)\??:/g)
same('kinds of channels in asyncapi.yaml (x-kinds)', Object.keys(described), [...registered.keys()])
same('what me shows, in asyncapi.yaml (x-kinds)', described.me?.shows ?? [], me)
for (const [kind, signals] of registered) {
  const { shows = [], signals: said = [] } = described[kind] ?? {}
  const Kind = kind[0].toUpperCase() + kind.slice(1)
  same(`signals of ${kind} in asyncapi.yaml (x-kinds)`, said, signals)
  same(`${Kind}Kinds in web/sdk/src/documents.ts`, keys(`${Kind}Kinds`), shows)
  same(`${Kind}Signals in web/sdk/src/documents.ts`, keys(`${Kind}Signals`), signals)
  const channel = `Channel<${Kind}Kinds${signals.length > 0 ? `, ${Kind}Signals` : ''}>`
  if (!new RegExp(`\\n  ${kind}\\([^\\n]*\\): ${channel} \\{`).test(client)) wrong.push(`web/sdk/src/client.ts: no ${kind}() that is a ${channel}`)
  if (!new RegExp(`\`${kind}[:\`]`).test(document.components.schemas.Channel.description)) wrong.push(`asyncapi.yaml: the description of Channel does not name ${kind}`)
  const row = page.split('\n').find((line) => new RegExp(`^\\| \`${kind}[:\`]`).test(line))
  if (!row) wrong.push(`docs/realtime.md: no row for ${kind}`)
  for (const sig of signals) if (sig !== 'msg' && row && !new RegExp(`\\b${sig}\\b`).test(row)) wrong.push(`docs/realtime.md: ${kind} does not name its signal ${sig}`)
}
if (wrong.length > 0) {
  for (const w of wrong) console.error(w)
  process.exit(1)
}
