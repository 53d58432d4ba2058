import { Shell } from '../app/Shell'

export default function SupervisorApp() {
  return <Shell>{null}</Shell>
}
