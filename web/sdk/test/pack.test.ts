import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '..')
const dir = mkdtempSync(join(tmpdir(), 'waymeet-pack-'))
let files: string[] = []

// What others get: the tarball, installed without a network, in plain Node.
beforeAll(async () => {
  const { stdout } = await run('npm', ['pack', '--json', '--silent', '--pack-destination', dir], { cwd: root })
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('['))) as { filename: string; files: { path: string }[] }[]
  files = packed!.files.map((f) => f.path)
  writeFileSync(join(dir, 'package.json'), '{"private":true,"type":"module"}')
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(dir, packed!.filename)], { cwd: dir })
}, 180_000) // two seconds; more on a machine that others keep busy
afterAll(() => rmSync(dir, { recursive: true, force: true }))

it('holds the built package, its types and its README, and nothing else', () => {
  expect(files).toContain('dist/index.js')
  expect(files).toContain('dist/index.d.ts')
  expect(files).toContain('README.md')
  for (const f of files) expect(f).toMatch(/^(dist\/[a-z]+\.(js|d\.ts)|package\.json|README\.md)$/)
})

it('is imported by its name', { timeout: 20_000 }, async () => {
  const script = `
    import { WaymeetClient, mergePatch } from '@waymeet/sdk'
    const open = () => ({ send() {}, close() {}, readyState: 0 })
    const client = new WaymeetClient({ url: 'ws://127.0.0.1:9/v1/realtime', accessToken: async () => 'x', open })
    client.trip('1').subscribe(() => undefined)
    console.log(JSON.stringify([client.status().state, client.trip('1').snapshot().status, mergePatch({ a: 1 }, { a: null })]))
    client.close()`
  const { stdout } = await run('node', ['--input-type=module', '-e', script], { cwd: dir })
  expect(JSON.parse(stdout)).toEqual(['connecting', 'loading', {}])
})

it('brings types that stand without a browser’s, and a README whose examples compile, of ten lines at most', { timeout: 60_000 }, async () => {
  const use = `
    import { WaymeetClient, type TripDoc } from '@waymeet/sdk'
    declare const client: WaymeetClient
    const doc: TripDoc | undefined = client.trip('1').doc()
    export const at: string | undefined = client.me().snapshot().entities.get('booking/1')?.d.from.at
    // @ts-expect-error: a profile has no stops
    export const no = client.me().snapshot().entities.get('user/1')?.d.from
    export const free: number[] | undefined = doc?.free`
  const given = `
    declare const accessToken: () => Promise<string>, show: (...x: unknown[]) => void, from: string, to: string, userId: string, scanned: string
    declare const console: { log(...x: unknown[]): void }, addEventListener: (e: string, fn: () => void) => void
    void [accessToken, show, from, to, userId, scanned, console, addEventListener]`
  const others = `
    declare module 'ws' { export const WebSocket: any }
    declare module 'react-native' { export const AppState: { addEventListener(e: 'change', fn: (state: string) => void): void } }
    declare module '@react-native-async-storage/async-storage' { const s: { getItem(k: string): Promise<string | null>; setItem(k: string, v: string): Promise<void> }; export default s }`
  const examples = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map((m) => m[1]!)
  expect(examples).toHaveLength(3)
  for (const text of examples) expect(text.trim().split('\n').length).toBeLessThanOrEqual(10)
  const files = { 'use.ts': use, 'others.d.ts': others, ...Object.fromEntries(examples.map((text, i) => [`example${i}.ts`, text + given])) }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  const compilerOptions = { noEmit: true, strict: true, exactOptionalPropertyTypes: true, module: 'nodenext', target: 'es2022', lib: ['es2023'], types: [] }
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(files) }))
  await run(join(root, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: dir }).catch((e: { stdout: string }) => expect.fail(e.stdout))
})
