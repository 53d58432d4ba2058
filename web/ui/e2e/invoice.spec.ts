import { accessible, expect, person, test } from './world'

test('an employer sees the rides of its people on the invoice of the running month', async ({ browser }) => {
  const page = await person(browser, 'manager')
  await page.goto('/company/invoices')
  // The rides of this morning are settled within the minute, and put on the invoice by a job.
  const line = page.getByTestId('line').first()
  await expect(line).toBeVisible({ timeout: 150_000 })
  await expect(line).toContainText(/\d/)
  await accessible(page, 'the preview of an invoice')
  await page.context().close()
})
