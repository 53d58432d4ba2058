import { useTranslation } from 'react-i18next'

export const builtIn = ['rider', 'driver', 'dispatcher', 'agent', 'finance', 'manager', 'client', 'expert', 'supervisor', 'admin'] as const
type BuiltIn = (typeof builtIn)[number]

/** Built-in roles have words in each language; a tenant's own roles carry their own name. */
export function useRoleName() {
  const { t } = useTranslation()
  return (role: string) => (builtIn.includes(role as BuiltIn) ? t(`role.${role as BuiltIn}`) : role)
}
