import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
}, 60_000)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

it('holds the built package, its types and its README, and nothing else', () => {
  expect(files).toContain('dist/index.js')
  expect(files).toContain('dist/index.d.ts')
  for (const f of files) expect(f).toMatch(/^(dist\/[a-z]+\.(js|d\.ts)|package\.json|README\.md)$/)
})

it('is imported by its name', async () => {
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

it('brings types that stand without a browser’s', async () => {
  writeFileSync(
    join(dir, 'use.ts'),
    `import { WaymeetClient, type TripDoc } from '@waymeet/sdk'
     declare const client: WaymeetClient
     const doc: TripDoc | undefined = client.trip('1').doc()
     export const at: string | undefined = client.me().snapshot().entities.get('booking/1')?.d.from.at
     // @ts-expect-error: a profile has no stops
     export const no = client.me().snapshot().entities.get('user/1')?.d.from
     export const free: number[] | undefined = doc?.free
     export async function all() { for await (const s of client.board({ date: '2026-11-23', state: 'boarding' })) for (const { d } of s.entities.values()) d.load }`,
  )
  const flags = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2023']
  await run(join(root, 'node_modules/.bin/tsc'), [...flags, 'use.ts'], { cwd: dir }).catch((e: { stdout: string }) => expect.fail(e.stdout))
})
