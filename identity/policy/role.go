package policy

import "slices"

// Role is a named bundle of permissions. The built-in ones are rows that every new tenant is given; from then on they
// are the tenant's to change.
type Role struct {
	Name        string
	Permissions []Permission
}

// The names of the built-in roles.
const (
	Rider      = "rider"
	Driver     = "driver"
	Dispatcher = "dispatcher"
	Admin      = "admin"
	Finance    = "finance"
	Agent      = "agent"
	Manager    = "manager" // of an organisation: holds within a unit, and means nothing without
	Client     = "client"  // of experts
	Expert     = "expert"
	Supervisor = "supervisor" // of queues
)

// BuiltIn is what a new tenant starts with. Whoever adds to it adds a migration for the tenants of before, as roles_of_before is one.
func BuiltIn() []Role {
	everyone := []Permission{StopReadPermission, LineReadPermission, TripReadPermission}
	rider := append(slices.Clone(everyone), BookingHoldPermission, BookingReadPermission, BookingCancelPermission)
	driver := append(slices.Clone(everyone), ManifestReadPermission, BoardingWritePermission, PositionPublishPermission)
	dispatcher := append(slices.Clone(everyone), TripOperatePermission, BookingReadAnyPermission, BookingCancelAnyPermission,
		BoardReadPermission, ManifestReadPermission, BoardingWritePermission, PositionAnyPermission)
	finance := []Permission{FinanceReadPermission, FinanceWritePermission, PayoutMakePermission, PayoutApprovePermission, InvoiceWritePermission, OrganisationReadPermission}
	admin := make([]Permission, 0, len(Permissions))
	for _, p := range Permissions {
		admin = append(admin, p.Name)
	}
	return []Role{{Rider, rider}, {Driver, driver}, {Dispatcher, dispatcher}, {Admin, admin}, {Finance, finance}, {Agent, []Permission{CashTakePermission}},
		{Manager, []Permission{CompanyManagePermission}}, {Client, []Permission{AdviceAskPermission}}, {Expert, []Permission{AdviceGivePermission}},
		{Supervisor, []Permission{QueueReadPermission, QueueWritePermission, SessionListenPermission, SessionWhisperPermission, SessionBargePermission}}}
}
