// Weighs what a rider's phone must load before the first screen works, gzipped, and fails the build above the budget.
// "First" is the entry, its static imports, and the lazy parts every rider needs at once: the rider's chunk and one language.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BUDGET_KB = 170
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
const files = new Set()
const seen = new Set()

function take(key) {
  if (seen.has(key)) return
  seen.add(key)
  const chunk = manifest[key]
  if (!chunk) throw new Error(`budget: ${key} is not in the manifest; was it renamed?`)
  files.add(chunk.file)
  for (const css of chunk.css ?? []) files.add(css)
  for (const dep of chunk.imports ?? []) take(dep)
}

const languages = ['fr', 'en', 'ar'].map((l) => `src/i18n/${l}.json`)
const heaviest = languages.map((key) => [size(manifest[key]?.file), key]).sort((a, b) => b[0] - a[0])[0][1]
for (const key of ['index.html', 'src/rider/RiderApp.tsx', heaviest]) take(key)

function size(file) {
  return gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length
}

let total = 0
for (const file of [...files].sort()) {
  const bytes = size(file)
  total += bytes
  console.log(`${(bytes / 1024).toFixed(1).padStart(7)} KB  ${file}`)
}
for (const file of files) {
  if (!file.endsWith('.js')) continue
  if (/maplibre/i.test(readFileSync(new URL(file, dist), 'utf8'))) {
    console.error(`budget: map code reached the first load through ${file}`)
    process.exit(1)
  }
}
console.log(`${(total / 1024).toFixed(1).padStart(7)} KB  first load of ${BUDGET_KB} KB allowed`)
if (total > BUDGET_KB * 1024) {
  console.error(`budget: ${((total - BUDGET_KB * 1024) / 1024).toFixed(1)} KB too much`)
  process.exit(1)
}
