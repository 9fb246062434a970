package seed

import (
	"fmt"
	"time"

	"aman/geo/tracker"
)

// spot is a place where many people are, with how far around they are, metres.
type spot struct {
	lon, lat, spreadM float64
}

// figure is how many people there are in one country, and how they are spread.
type figure struct {
	country string
	persons int
	stays   []weighted[tracker.Stay]
	spots   []weighted[spot]
	// atAirport is the share of them who wait at one of its airports.
	atAirport float64
	airports  []string
}

// demoLost are people of whom nobody knows in which country they are.
const demoLost = 42

var (
	demoTourism = []weighted[tracker.Stay]{{tracker.Tourist, 60}, {tracker.Resident, 32}, {tracker.Transit, 4}, {tracker.Crew, 1}, {tracker.Student, 3}}
	demoHajj    = []weighted[tracker.Stay]{{tracker.Pilgrim, 82}, {tracker.Resident, 10}, {tracker.Tourist, 6}, {tracker.Student, 2}}
	demoSettled = []weighted[tracker.Stay]{{tracker.Resident, 70}, {tracker.Student, 12}, {tracker.Tourist, 14}, {tracker.Transit, 4}}
	demoTransit = []weighted[tracker.Stay]{{tracker.Transit, 85}, {tracker.Tourist, 15}}
)

// demoFigures are the numbers of Kazakhstan's citizens that were published in
// March 2026, and transit places on the routes that were used then.
var demoFigures = []figure{
	{"AE", 3500, demoTourism, []weighted[spot]{
		{spot{55.139, 25.080, 2500}, 24}, // Dubai Marina, JBR
		{spot{55.276, 25.195, 3500}, 22}, // Downtown Dubai
		{spot{55.320, 25.268, 3000}, 16}, // Deira
		{spot{55.138, 25.112, 1800}, 5},  // Palm Jumeirah
		{spot{55.405, 25.345, 4000}, 11}, // Sharjah
		{spot{54.366, 24.466, 6000}, 13}, // Abu Dhabi
		{spot{55.945, 25.780, 4000}, 6},  // Ras Al Khaimah
		{spot{56.345, 25.130, 2500}, 3},  // Fujairah
	}, 0.07, []string{"DXB", "DXB", "DXB", "AUH", "SHJ", "DWC"}},
	{"SA", 3000, demoHajj, []weighted[spot]{
		{spot{39.826, 21.423, 2500}, 44}, // Mecca
		{spot{39.611, 24.467, 2500}, 34}, // Medina
		{spot{39.173, 21.543, 7000}, 8},  // Jeddah
		{spot{46.675, 24.713, 9000}, 9},  // Riyadh
		{spot{50.104, 26.420, 6000}, 5},  // Dammam, Khobar
	}, 0.05, []string{"JED", "JED", "MED", "RUH", "DMM"}},
	{"QA", 1500, []weighted[tracker.Stay]{{tracker.Tourist, 88}, {tracker.Resident, 8}, {tracker.Transit, 4}}, []weighted[spot]{
		{spot{51.531, 25.286, 4000}, 62}, // Doha
		{spot{51.505, 25.420, 2500}, 16}, // Lusail
		{spot{51.550, 25.372, 1500}, 10}, // The Pearl
		{spot{51.605, 25.172, 3000}, 12}, // Al Wakrah
	}, 0.09, []string{"DOH"}},
	{"BH", 168, demoTourism, []weighted[spot]{{spot{50.586, 26.223, 3500}, 75}, {spot{50.610, 26.212, 1500}, 25}}, 0.06, []string{"BAH"}},
	{"KW", 134, demoSettled, []weighted[spot]{{spot{47.978, 29.375, 5000}, 70}, {spot{48.076, 29.333, 4000}, 30}}, 0.04, []string{"KWI"}},
	{"JO", 134, demoTourism, []weighted[spot]{{spot{35.930, 31.950, 6000}, 65}, {spot{35.007, 29.530, 2500}, 25}, {spot{35.480, 30.322, 2000}, 10}}, 0.08, []string{"AMM"}},
	{"IL", 100, demoSettled, []weighted[spot]{{spot{34.790, 32.075, 4500}, 45}, {spot{35.213, 31.770, 4000}, 25}, {spot{34.995, 32.795, 3500}, 18}, {spot{34.792, 31.252, 3500}, 12}}, 0.05, []string{"TLV"}},
	{"IR", 82, demoSettled, []weighted[spot]{{spot{51.400, 35.715, 8000}, 58}, {spot{51.670, 32.655, 5000}, 10}, {spot{59.600, 36.290, 5000}, 14}, {spot{54.435, 36.840, 4000}, 12}, {spot{47.065, 34.315, 4000}, 6}}, 0.03, []string{"IKA"}},
	// On the way home: Dubai to Muscat by road, and through Istanbul, Baku, Tbilisi.
	{"OM", 189, demoTransit, []weighted[spot]{{spot{58.408, 23.588, 5000}, 100}}, 0.35, []string{"MCT"}},
	{"TR", 120, demoTransit, []weighted[spot]{{spot{28.978, 41.010, 5000}, 100}}, 0.55, []string{"IST", "IST", "SAW"}},
	{"AZ", 60, demoTransit, []weighted[spot]{{spot{49.867, 40.409, 4000}, 100}}, 0.45, []string{"GYD"}},
	{"GE", 40, demoTransit, []weighted[spot]{{spot{44.793, 41.715, 3500}, 100}}, 0.40, []string{"TBS"}},
}

// demoMissions are a country and the name of its capital. A code ends in DEMO
// and a telephone starts with +7 000, which no operator can assign.
var demoMissions = []struct {
	country string
	names   tracker.Names
}{
	{"AE", tracker.Names{KK: "Әбу-Даби", RU: "Абу-Даби", EN: "Abu Dhabi"}},
	{"SA", tracker.Names{KK: "Эр-Рияд", RU: "Эр-Рияд", EN: "Riyadh"}},
	{"QA", tracker.Names{KK: "Доха", RU: "Доха", EN: "Doha"}},
	{"BH", tracker.Names{KK: "Манама", RU: "Манама", EN: "Manama"}},
	{"KW", tracker.Names{KK: "Эль-Кувейт", RU: "Эль-Кувейт", EN: "Kuwait City"}},
	{"JO", tracker.Names{KK: "Амман", RU: "Амман", EN: "Amman"}},
	{"IL", tracker.Names{KK: "Тель-Авив", RU: "Тель-Авив", EN: "Tel Aviv"}},
	{"IR", tracker.Names{KK: "Тегеран", RU: "Тегеран", EN: "Tehran"}},
	{"TR", tracker.Names{KK: "Анкара", RU: "Анкара", EN: "Ankara"}},
	{"AZ", tracker.Names{KK: "Баку", RU: "Баку", EN: "Baku"}},
	{"OM", tracker.Names{KK: "Маскат", RU: "Маскат", EN: "Muscat"}},
	{"GE", tracker.Names{KK: "Тбилиси", RU: "Тбилиси", EN: "Tbilisi"}},
	{"AM", tracker.Names{KK: "Ереван", RU: "Ереван", EN: "Yerevan"}},
	{"TM", tracker.Names{KK: "Ашхабад", RU: "Ашхабад", EN: "Ashgabat"}},
}

func (m *demoMaker) missions() []tracker.Mission {
	out := make([]tracker.Mission, 0, len(demoMissions))
	for i, x := range demoMissions {
		out = append(out, tracker.Mission{
			ID: m.id(m.now), Code: x.country + "-DEMO", Version: 1, Countries: []string{x.country},
			Names: tracker.Names{
				KK: "Елшілік (демо), " + x.names.KK,
				RU: "Посольство (демо), " + x.names.RU,
				EN: "Embassy (demo), " + x.names.EN,
			},
			DutyPhone: fmt.Sprintf("+7 000 000 00 %02d (demo)", i+1),
		})
	}
	return out
}

var demoAirports = []struct {
	code   string
	status tracker.AirportStatus
	reason string
	until  time.Duration // 0: until further notice
}{
	{"DXB", tracker.AirportLimited, "half of the flights; passengers without a confirmed seat are sent back", 36 * time.Hour},
	{"SHJ", tracker.AirportLimited, "arrivals only by permission", 24 * time.Hour},
	{"AUH", tracker.AirportOpen, "flights resumed", 0},
	{"DOH", tracker.AirportLimited, "air corridor opens for hours at a time", 12 * time.Hour},
	{"BAH", tracker.AirportClosed, "airspace closed", 48 * time.Hour},
	{"KWI", tracker.AirportLimited, "airspace closed at night", 0},
	{"TLV", tracker.AirportClosed, "airspace closed", 0},
	{"IKA", tracker.AirportClosed, "airspace closed", 0},
	{"AMM", tracker.AirportOpen, "delays", 0},
	{"MCT", tracker.AirportOpen, "extra flights to Almaty", 0},
	{"JED", tracker.AirportOpen, "", 0},
	{"MED", tracker.AirportOpen, "", 0},
	{"RUH", tracker.AirportOpen, "", 0},
	{"DMM", tracker.AirportLimited, "diversions", 24 * time.Hour},
	{"IST", tracker.AirportOpen, "", 0},
	{"GYD", tracker.AirportOpen, "", 0},
}

func (m *demoMaker) airports() ([]tracker.AirportState, error) {
	var out []tracker.AirportState
	for _, x := range demoAirports {
		i, ok := m.w.Airport(x.code)
		if !ok {
			return nil, fmt.Errorf("demo airport %q is not in the world", x.code)
		}
		s := tracker.AirportState{
			Crisis: m.crisis, Airport: m.w.Airports()[i].Code(), Version: 1, Status: x.status, Reason: x.reason,
			Author: m.author, RecordedAt: m.now.Add(-2 * time.Hour),
		}
		if x.until > 0 {
			s.Until = m.now.Add(x.until)
		}
		out = append(out, s)
	}
	return out, nil
}
