package data

import "aman/geo/tracker"

func (e *encoded) mission(m *tracker.Mission) {
	e.add(tMissions, keyN(m.ID, 0), m.ID[:], m.Code)
	e.add(tMissionVersions, missionKey(m), m.ID[:], int64(m.Version), m.Code, jsonArg(m.Names),
		jsonArg(m.Countries), shapeArg(m.Area), m.DutyPhone, nil)
}

type storedMission struct {
	tracker.Mission
	commit tracker.ID
}

var missionSource = source[storedMission]{
	query: `SELECT m.mission_id, m.version, m.code, m.names, m.countries, m.area, m.duty_phone, m.commit_id
		FROM mission_versions m`,
	where: `WHERE`, commit: `m.commit_id`, order: `ORDER BY m.mission_id, m.version`,
	dest: func(x *storedMission) []any {
		return []any{
			&x.ID, num(&x.Version),
			intoText{&x.Code},
			intoNames{&x.Names},
			intoList{&x.Countries},
			intoShape{&x.Area},
			intoText{&x.DutyPhone},
			&x.commit,
		}
	},
	commitOf:   func(x *storedMission) tracker.ID { return x.commit },
	supersedes: func(a, b *storedMission) bool { return a.ID == b.ID },
}
