package api

import (
	"net/http"

	"aman/api/auth"
)

// apiRoutes declares every route of the contract but the citizen's pages, which
// page_routes.go declares: who may call it, and what holds back its answer.
var apiRoutes = []auth.Route{
	{Method: http.MethodPost, Path: "/api/v1/login", Operation: "login", Permission: auth.Public, Scope: auth.ScopeSelf},
	{Method: http.MethodPost, Path: "/api/v1/logout", Operation: "logout", Permission: auth.SignedIn, Scope: auth.ScopeSelf},
	{Method: http.MethodGet, Path: "/api/v1/me", Operation: "getMe", Permission: auth.SignedIn, Scope: auth.ScopeSelf},

	{Method: http.MethodGet, Path: "/api/v1/crises", Operation: "listCrises", Permission: auth.ReferenceRead, Scope: auth.ScopeNone},
	{Method: http.MethodGet, Path: "/api/v1/missions", Operation: "listMissions", Permission: auth.MissionsRead, Scope: auth.ScopeNone},
	{Method: http.MethodPost, Path: "/api/v1/places", Operation: "searchPlaces", Permission: auth.ReferenceRead, Scope: auth.ScopeNone},

	// A zone is nobody's secret among staff; the counts that come with it are scoped.
	{Method: http.MethodGet, Path: "/api/v1/zones", Operation: "listZones", Permission: auth.ZonesRead, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/zones", Operation: "createZone", Permission: auth.ZonesWrite, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/zones/preview", Operation: "previewZone", Permission: auth.ZonesWrite, Scope: auth.ScopePeople},
	{Method: http.MethodGet, Path: "/api/v1/zones/:id", Operation: "getZone", Permission: auth.ZonesRead, Scope: auth.ScopePeople},
	{Method: http.MethodPut, Path: "/api/v1/zones/:id", Operation: "replaceZone", Permission: auth.ZonesWrite, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/zones/:id/publish", Operation: "publishZone", Permission: auth.ZonesPublish, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/zones/:id/withdraw", Operation: "withdrawZone", Permission: auth.ZonesPublish, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/zones/:id/discard", Operation: "discardZoneDraft", Permission: auth.ZonesPublish, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/zones/:id/preview", Operation: "previewStoredZone", Permission: auth.ZonesWrite, Scope: auth.ScopePeople},
	{Method: http.MethodGet, Path: "/api/v1/zones/:id/versions", Operation: "listZoneVersions", Permission: auth.ZonesRead, Scope: auth.ScopeNone},
	{Method: http.MethodGet, Path: "/api/v1/zones/:id/people", Operation: "listZonePeople", Permission: auth.PeopleRead, Scope: auth.ScopePeople},
	{Method: http.MethodGet, Path: "/api/v1/zones/:id/airports", Operation: "listZoneAirports", Permission: auth.AirportsRead, Scope: auth.ScopePeople},
	{Method: http.MethodGet, Path: "/api/v1/zones/:id/counts", Operation: "countZone", Permission: auth.PictureRead, Scope: auth.ScopePeople},

	{Method: http.MethodGet, Path: "/api/v1/people", Operation: "listPeople", Permission: auth.PeopleRead, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/people", Operation: "createPerson", Permission: auth.ReportsCreate, Scope: auth.ScopeSubmit},
	{Method: http.MethodPost, Path: "/api/v1/people/search", Operation: "searchPeople", Permission: auth.PeopleRead, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/people/lookup", Operation: "lookUpPerson", Permission: auth.PeopleLookup, Scope: auth.ScopePeople},
	{Method: http.MethodGet, Path: "/api/v1/people/export", Operation: "exportPeople", Permission: auth.PeopleExport, Scope: auth.ScopePeople},
	{Method: http.MethodGet, Path: "/api/v1/people/:id", Operation: "getPerson", Permission: auth.PeopleRead, Scope: auth.ScopePeople},
	{Method: http.MethodPatch, Path: "/api/v1/people/:id", Operation: "editPerson", Permission: auth.PeopleEdit, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/people/match", Operation: "matchPeople", Permission: auth.PeopleRead, Scope: auth.ScopePeople},
	{Method: http.MethodGet, Path: "/api/v1/people/:id/matches", Operation: "listMatches", Permission: auth.PeopleRead, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/people/:id/merge", Operation: "mergePerson", Permission: auth.PeopleMerge, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/people/:id/unmerge", Operation: "unmergePerson", Permission: auth.PeopleMerge, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/people/:id/erase", Operation: "erasePerson", Permission: auth.PeopleErase, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/people/:id/assign", Operation: "assignPerson", Permission: auth.PeopleAssign, Scope: auth.ScopePeople},

	{Method: http.MethodGet, Path: "/api/v1/people/:id/devices", Operation: "listDevices", Permission: auth.PeopleRead, Scope: auth.ScopePeople},
	{Method: http.MethodDelete, Path: "/api/v1/people/:id/devices", Operation: "endDevices", Permission: auth.PeopleEdit, Scope: auth.ScopePeople},
	{Method: http.MethodGet, Path: "/api/v1/people/:id/messages", Operation: "listMessages", Permission: auth.MessagesSend, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/people/:id/messages", Operation: "sendMessage", Permission: auth.MessagesSend, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/announcements", Operation: "announce", Permission: auth.MessagesAnnounce, Scope: auth.ScopeNone},

	{Method: http.MethodPost, Path: "/api/v1/reports", Operation: "createReport", Permission: auth.ReportsCreate, Scope: auth.ScopeSubmit},
	{Method: http.MethodPost, Path: "/api/v1/reports/batch", Operation: "createReports", Permission: auth.ReportsCreate, Scope: auth.ScopeSubmit},
	{Method: http.MethodPost, Path: "/api/v1/reports/:id/rule", Operation: "ruleReport", Permission: auth.ReportsRetract, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/reports/:id/retract", Operation: "retractReport", Permission: auth.ReportsRetract, Scope: auth.ScopePeople},

	{Method: http.MethodGet, Path: "/api/v1/airports", Operation: "listAirports", Permission: auth.AirportsRead, Scope: auth.ScopePeople},
	{Method: http.MethodGet, Path: "/api/v1/airports/:code", Operation: "getAirport", Permission: auth.AirportsRead, Scope: auth.ScopePeople},
	{Method: http.MethodGet, Path: "/api/v1/airports/:code/people", Operation: "listAirportPeople", Permission: auth.PeopleRead, Scope: auth.ScopePeople},
	{Method: http.MethodPut, Path: "/api/v1/airports/:code/state", Operation: "setAirportState", Permission: auth.AirportsWrite, Scope: auth.ScopePeople},

	{Method: http.MethodPost, Path: "/api/v1/at", Operation: "whatIsAt", Permission: auth.PictureRead, Scope: auth.ScopeNone},
	{Method: http.MethodPost, Path: "/api/v1/match", Operation: "matchPoints", Permission: auth.PictureRead, Scope: auth.ScopeNone},
	{Method: http.MethodGet, Path: "/api/v1/cells", Operation: "getCells", Permission: auth.PictureRead, Scope: auth.ScopePeople},
	{Method: http.MethodGet, Path: "/api/v1/counts", Operation: "getCounts", Permission: auth.PictureRead, Scope: auth.ScopePeople},

	{Method: http.MethodGet, Path: "/api/v1/events", Operation: "listEvents", Permission: auth.EventsRead, Scope: auth.ScopePeople},
	{Method: http.MethodGet, Path: "/api/v1/events/stream", Operation: "streamEvents", Permission: auth.EventsRead, Scope: auth.ScopePeople},

	{Method: http.MethodGet, Path: "/api/v1/links", Operation: "listLinks", Permission: auth.LinksRead, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/links", Operation: "createLink", Permission: auth.LinksCreate, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/links/batch", Operation: "createLinks", Permission: auth.PeopleExport, Scope: auth.ScopePeople},
	{Method: http.MethodGet, Path: "/api/v1/links/:id/poster", Operation: "linkPoster", Permission: auth.LinksRead, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/links/:id/revoke", Operation: "revokeLink", Permission: auth.LinksCreate, Scope: auth.ScopePeople},

	{Method: http.MethodGet, Path: "/api/v1/callbacks", Operation: "listCallbacks", Permission: auth.CallbacksWork, Scope: auth.ScopePeople},
	{Method: http.MethodPost, Path: "/api/v1/callbacks/:id", Operation: "changeCallback", Permission: auth.CallbacksWork, Scope: auth.ScopePeople},
	// Who can be rung is nobody's secret among staff; who sets it is a mission's own matter.
	{Method: http.MethodGet, Path: "/api/v1/hotlines", Operation: "listHotlines", Permission: auth.DutyRead, Scope: auth.ScopeNone},
	{Method: http.MethodPut, Path: "/api/v1/hotlines", Operation: "setHotlines", Permission: auth.DutyWrite, Scope: auth.ScopeNone},
	{Method: http.MethodGet, Path: "/api/v1/shifts", Operation: "listShifts", Permission: auth.DutyRead, Scope: auth.ScopeNone},
	{Method: http.MethodPut, Path: "/api/v1/shifts", Operation: "setShifts", Permission: auth.DutyWrite, Scope: auth.ScopeNone},

	{Method: http.MethodPost, Path: "/api/v1/lists/preview", Operation: "previewList", Permission: auth.ListsTake, Scope: auth.ScopeSubmit},
	{Method: http.MethodPost, Path: "/api/v1/lists", Operation: "takeList", Permission: auth.ListsTake, Scope: auth.ScopeSubmit},
	{Method: http.MethodGet, Path: "/api/v1/mappings", Operation: "listMappings", Permission: auth.ListsTake, Scope: auth.ScopeSelf},
	{Method: http.MethodPost, Path: "/api/v1/mappings", Operation: "saveMapping", Permission: auth.ListsTake, Scope: auth.ScopeSelf},
	{Method: http.MethodDelete, Path: "/api/v1/mappings/:id", Operation: "deleteMapping", Permission: auth.ListsTake, Scope: auth.ScopeSelf},
	{Method: http.MethodGet, Path: "/api/v1/receipts/:key", Operation: "getReceipt", Permission: auth.ReportsCreate, Scope: auth.ScopeSelf},
}
