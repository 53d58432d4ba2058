import { accessible, accessibleEverywhere, expect, person, test, words } from './world'

// Finance says where an expert's money goes and prepares a payout; admin approves it; finance sends it and ends its lines.
test('experts are paid: prepared by one, approved by another, sent, arrived', async ({ browser }) => {
  test.setTimeout(180_000)
  const { payouts, experts } = words('en')
  const finance = await person(browser, 'finance', { lang: 'en' })
  await finance.goto('/finance/experts')
  await accessibleEverywhere(finance, 'experts')
  await finance.getByTestId('experts').getByRole('link', { name: /Lina Sefrioui/ }).click()
  await finance.getByRole('button', { name: experts.set }).click()
  const sheet = finance.getByRole('dialog')
  await sheet.getByLabel(experts.number).fill('AE07 0331 2345 6789 0123 457')
  await sheet.getByRole('button', { name: experts.save }).click()
  await expect(sheet.getByText(experts.numberWrong)).toBeVisible()
  await sheet.getByLabel(experts.number).fill('AE07 0331 2345 6789 0123 456')
  await sheet.getByRole('button', { name: experts.save }).click()
  await expect(sheet).toBeHidden()
  await expect(finance.getByTestId('acts')).toContainText('3456')
  await accessible(finance, 'an expert')

  await finance.goto('/finance/payouts')
  await finance.getByRole('button', { name: payouts.make }).click()
  await finance.getByRole('dialog').getByRole('button', { name: payouts.makeSubmit }).click()
  await expect(finance.getByText(payouts.ownHint)).toBeVisible()
  await expect(finance.getByRole('button', { name: payouts.approve })).toBeDisabled()

  const admin = await person(browser, 'admin', { lang: 'en', node: 1 })
  await admin.goto(new URL(finance.url()).pathname)
  await admin.getByRole('button', { name: payouts.approve }).click()
  await expect(admin.getByText(payouts.state.approved, { exact: true })).toBeVisible()

  await finance.reload()
  await finance.getByRole('button', { name: payouts.send }).click()
  await expect(finance.getByRole('button', { name: payouts.file })).toBeVisible()
  for (const name of ['Yasmin Haddad', 'Omar Benkirane', 'Lina Sefrioui']) await finance.getByRole('button', { name: payouts.confirmOf.replace('{{name}}', name) }).click()
  await expect(finance.getByText(payouts.state.closed, { exact: true })).toBeVisible()
  await accessible(finance, 'a payout that is done')
})
