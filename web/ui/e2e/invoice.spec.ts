import { accessible, Api, expect, person, test, words } from './world'

test('an employer sees the rides of its people on the invoice of the running month', async ({ browser }) => {
  const page = await person(browser, 'manager')
  await page.goto('/company/invoices')
  // Rides since yesterday are put on the invoice by a job. On the first of a month it begins empty.
  const line = page.getByTestId('line').first()
  const begins = (await Api.as('manager')).today.endsWith('-01')
  await expect(begins ? line.or(page.getByText(words('en').invoices.noLines)) : line).toBeVisible({ timeout: 60_000 })
  if (!begins) await expect(line).toContainText(/\d/)
  await accessible(page, 'the preview of an invoice')
  await page.context().close()
})
