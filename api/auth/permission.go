package auth

import "slices"

// Permission is one thing that a role may do: "zones.read".
type Permission string

const (
	// Public needs no account: signing in, the citizen's pages, the console's own files.
	Public Permission = "public"
	// SignedIn needs an account of any role.
	SignedIn Permission = "signed_in"

	ReferenceRead Permission = "reference.read"
	MissionsRead  Permission = "missions.read"
	ZonesRead     Permission = "zones.read"
	ZonesWrite    Permission = "zones.write"
	ZonesPublish  Permission = "zones.publish"
	PeopleRead    Permission = "people.read"
	PeopleEdit    Permission = "people.edit"
	PeopleExport  Permission = "people.export"
	PeopleLookup  Permission = "people.lookup"
	PeopleAssign  Permission = "people.assign"
	// PeopleMerge lets records count as one, and as two again.
	PeopleMerge Permission = "people.merge"
	// PeopleErase destroys what is held about somebody who asked for it.
	PeopleErase    Permission = "people.erase"
	ReportsCreate  Permission = "reports.create"
	ReportsRetract Permission = "reports.retract"
	AirportsRead   Permission = "airports.read"
	AirportsWrite  Permission = "airports.write"
	PictureRead    Permission = "picture.read"
	EventsRead     Permission = "events.read"
	LinksRead      Permission = "links.read"
	LinksCreate    Permission = "links.create"
	// ListsTake previews and takes lists of people, and saves how they are read.
	ListsTake Permission = "lists.take"
	// CallbacksWork reads the queue of those who wait to be rung, and works it off.
	CallbacksWork Permission = "callbacks.work"
	// DutyRead sees hotlines and who is on duty; DutyWrite sets them.
	DutyRead  Permission = "duty.read"
	DutyWrite Permission = "duty.write"
	// MessagesSend writes to people in their messengers, and reads what was written;
	// MessagesAnnounce tells the groups of a mission.
	MessagesSend     Permission = "messages.send"
	MessagesAnnounce Permission = "messages.announce"
)

// reading is what everybody who works on the picture may see, within their scope.
var reading = []Permission{ReferenceRead, MissionsRead, ZonesRead, PeopleRead, AirportsRead, PictureRead, EventsRead, LinksRead, ReportsCreate, DutyRead}

// may is the whole table: what isn't here is refused.
//
//	admin          everything
//	analyst        the picture, zones, airports, people, exports
//	operator       calls: people and reports; airports as they hear of them; no exports
//	embassy        its own people (see Principal.Scope), with exports and hand-over
//	local_staff    reads and reports; no documents (so no edit, no look-up by IIN), no export, no links
//	partner        submits; sees its own receipts and nothing else
//	casualty_cell  as an operator, and sees who died or is injured
var may = map[Role][]Permission{
	RoleAdmin: with(reading, LinksCreate, ListsTake, ZonesWrite, ZonesPublish, PeopleEdit, PeopleExport, PeopleLookup, PeopleAssign,
		PeopleMerge, PeopleErase, ReportsRetract, AirportsWrite, CallbacksWork, DutyWrite, MessagesSend, MessagesAnnounce),
	RoleAnalyst: with(reading, LinksCreate, ListsTake, ZonesWrite, ZonesPublish, PeopleEdit, PeopleExport, PeopleLookup, PeopleAssign,
		PeopleMerge, ReportsRetract, AirportsWrite, CallbacksWork, MessagesSend, MessagesAnnounce),
	RoleOperator:   with(reading, LinksCreate, ListsTake, PeopleEdit, PeopleLookup, PeopleAssign, PeopleMerge, ReportsRetract, AirportsWrite, CallbacksWork, MessagesSend),
	RoleEmbassy:    with(reading, LinksCreate, ListsTake, PeopleEdit, PeopleExport, PeopleLookup, PeopleAssign, PeopleMerge, PeopleErase, ReportsRetract, CallbacksWork, DutyWrite, MessagesSend, MessagesAnnounce),
	RoleLocalStaff: reading,
	RolePartner:    {ReferenceRead, ReportsCreate, ListsTake},
	RoleCasualty:   with(reading, LinksCreate, PeopleEdit, PeopleLookup, PeopleAssign, PeopleMerge, ReportsRetract, CallbacksWork, MessagesSend),
}

func with(ps []Permission, more ...Permission) []Permission {
	return slices.Concat(ps, more)
}

// May tells whether the role has the permission. SignedIn and Public are had by
// every known role; an unknown role has nothing.
func (r Role) May(p Permission) bool {
	ps, known := may[r]
	return known && (p == SignedIn || p == Public || slices.Contains(ps, p))
}

// Permissions lists what the role may do, sorted; empty, never nil.
func (r Role) Permissions() []string {
	words := []string{}
	for _, p := range may[r] {
		words = append(words, string(p))
	}
	slices.Sort(words)
	return words
}

// Roles lists all roles in the order of their numbers.
func Roles() []Role {
	return []Role{RoleAdmin, RoleAnalyst, RoleOperator, RoleEmbassy, RoleLocalStaff, RolePartner, RoleCasualty}
}
