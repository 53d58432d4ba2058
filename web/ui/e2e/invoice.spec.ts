import { accessible, Api, expect, person, test } from './world'

type Line = { date: string; person: string; amount: number }

test('an employer sees the rides of its people on the invoice of the running month', async ({ browser }) => {
  const api = await Api.as('manager')
  const { items } = await api.get<{ items: { id: string }[] }>('/v1/organisations')
  const yesterday = new Date(Date.parse(`${api.today}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
  // Each ride that was taken is put there by a job of its own.
  const ridden = async () => (await api.get<{ lines: Line[] }>(`/v1/organisations/${items[0]!.id}/invoices/preview`)).lines.filter((l) => l.date >= yesterday && l.date <= api.today)
  await expect.poll(async () => (await ridden()).length, { timeout: 60_000 }).toBeGreaterThan(0)
  const who = (await ridden())[0]!.person
  expect(who).not.toBe('')
  const page = await person(browser, 'manager')
  await page.goto('/company/invoices')
  await expect(page.getByTestId('line').filter({ hasText: who }).first()).toContainText(/\d/)
  await accessible(page, 'the preview of an invoice')
  await page.context().close()
})
