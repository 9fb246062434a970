package seed

import (
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
	"aman/geo/tracker"
)

// ring closes a list of corners (lon, lat, lon, lat, …).
func ring(lonLat ...float64) orb.Ring {
	var r orb.Ring
	for i := 0; i < len(lonLat); i += 2 {
		r = append(r, orb.Point{lonLat[i], lonLat[i+1]})
	}
	return append(r, r[0])
}

// hole is the outline of a disc, to be left out of a polygon.
func hole(lon, lat, radiusM float64) orb.Ring {
	return geo.Circle(orb.Point{lon, lat}, radiusM, 24)[0][0]
}

func disc(lon, lat, radiusM float64) orb.Polygon {
	return geo.Circle(orb.Point{lon, lat}, radiusM, 48)[0]
}

// zones draws the demo's zones: versions in the order in which they are stored.
func (m *demoMaker) zones(analyst, second tracker.ID) []tracker.Zone {
	var out []tracker.Zone
	began := m.now.Add(-3 * time.Hour)
	zone := func(level int, action tracker.Action, kind tracker.ZoneKind, names, advice tracker.Names, shape orb.MultiPolygon) tracker.Zone {
		return tracker.Zone{
			ID: m.id(m.now), Crisis: m.crisis, Version: 1, State: tracker.Draft, Level: level, Action: action, Kind: kind,
			ValidFrom: began, Names: names, Advice: advice, Source: "demo", Reason: "demo data: invented for trying things out",
			Shape: shape, Author: analyst, RecordedAt: m.now,
		}
	}
	// then appends a version of z after the last one.
	then := func(z tracker.Zone, change func(*tracker.Zone)) tracker.Zone {
		z.Version++
		change(&z)
		out = append(out, z)
		return z
	}
	draft := func(z tracker.Zone) tracker.Zone {
		out = append(out, z)
		return z
	}
	publish := func(z tracker.Zone) tracker.Zone {
		return then(draft(z), func(z *tracker.Zone) { z.State = tracker.Active })
	}

	shelter := tracker.Names{KK: "Паналайтын жерде болыңыз, терезелерден аулақ тұрыңыз.", RU: "Оставайтесь в укрытии, подальше от окон.", EN: "Stay in shelter, away from windows."}
	leave := tracker.Names{KK: "Мүмкіндік болса, аймақтан шығыңыз; елшілікке хабарласыңыз.", RU: "При возможности покиньте район; свяжитесь с посольством.", EN: "Leave the area if you can; contact the embassy."}
	care := tracker.Names{KK: "Көп адам жиналатын жерлерге бармаңыз.", RU: "Избегайте мест скопления людей.", EN: "Avoid crowded places."}

	tehran := publish(zone(4, tracker.Shelter, tracker.Ground,
		tracker.Names{KK: "Тегеран мен Кередж", RU: "Тегеран и Кередж", EN: "Tehran and Karaj"}, shelter,
		orb.MultiPolygon{{
			ring(50.72, 35.62, 51.05, 35.50, 51.62, 35.52, 51.72, 35.70, 51.55, 35.86, 51.10, 35.90, 50.78, 35.86),
			hole(51.152, 35.416+0.16, 3000), // the road out past the airport of Imam Khomeini
		}}))
	then(tehran, func(z *tracker.Zone) { z.Confirmer, z.ConfirmedAt = second, m.now })

	iran := publish(zone(3, tracker.Evacuate, tracker.Ground,
		tracker.Names{KK: "Керманшах және Исфахан", RU: "Керманшах и Исфахан", EN: "Kermanshah and Isfahan"}, leave,
		orb.MultiPolygon{
			{ring(46.75, 34.10, 47.40, 34.05, 47.55, 34.45, 47.05, 34.62, 46.70, 34.45)},
			disc(51.67, 32.65, 28_000),
		}))
	// Lowering a level 3 waits for the second person.
	then(iran, func(z *tracker.Zone) {
		z.State, z.Level, z.Action = tracker.Proposed, 2, tracker.Avoid
		z.Reason = "demo data: no strikes for two days"
	})

	israel := zone(3, tracker.Shelter, tracker.Ground, tracker.Names{KK: "Израиль, бүкіл ел", RU: "Израиль, вся страна", EN: "Israel, whole country"}, shelter, nil)
	israel.Country = "IL"
	publish(israel)

	publish(zone(3, tracker.Evacuate, tracker.Ground,
		tracker.Names{KK: "Әл-Удейд пен оңтүстік Доха", RU: "Эль-Удейд и юг Дохи", EN: "Al Udeid and southern Doha"}, leave,
		orb.MultiPolygon{{
			ring(51.20, 25.00, 51.62, 25.05, 51.66, 25.24, 51.50, 25.285, 51.28, 25.26, 51.18, 25.15),
			hole(51.608, 25.261-0.03, 1500), // the road to the airport is kept open
		}}))

	publish(zone(3, tracker.Prepare, tracker.Ground,
		tracker.Names{KK: "Манама мен Даммам айналасы", RU: "Манама и окрестности Даммама", EN: "Manama and around Dammam"}, leave,
		orb.MultiPolygon{
			{ring(50.52, 26.14, 50.68, 26.15, 50.70, 26.26, 50.60, 26.30, 50.50, 26.24)},
			{disc(50.12, 26.40, 22_000)[0], hole(50.10, 26.44, 2500)},
		}))

	publish(zone(2, tracker.Avoid, tracker.Ground,
		tracker.Names{KK: "Дубай мен Шарджа жағалауы", RU: "Побережье Дубая и Шарджи", EN: "Coast of Dubai and Sharjah"}, care,
		orb.MultiPolygon{{
			ring(55.05, 25.00, 55.20, 25.02, 55.36, 25.17, 55.50, 25.33, 55.40, 25.42, 55.25, 25.30, 55.10, 25.16, 54.98, 25.06),
			hole(55.276, 25.195, 1200),
		}}))

	publish(zone(3, tracker.Avoid, tracker.Ground,
		tracker.Names{KK: "Фуджейра порты", RU: "Порт Фуджейры", EN: "Port of Fujairah"}, leave, orb.MultiPolygon{disc(56.355, 25.170, 9_000)}))

	jordan := zone(1, tracker.Monitor, tracker.Ground, tracker.Names{KK: "Иордания, бүкіл ел", RU: "Иордания, вся страна", EN: "Jordan, whole country"}, care, nil)
	jordan.Country = "JO"
	publish(jordan)

	publish(zone(1, tracker.Monitor, tracker.Ground,
		tracker.Names{KK: "Эр-Рияд", RU: "Эр-Рияд", EN: "Riyadh"}, care, orb.MultiPolygon{disc(46.70, 24.70, 45_000)}))

	publish(zone(3, tracker.Avoid, tracker.Maritime,
		tracker.Names{KK: "Ормуз бұғазы", RU: "Ормузский пролив", EN: "Strait of Hormuz"}, care,
		orb.MultiPolygon{{ring(54.60, 25.90, 55.60, 26.20, 56.05, 26.48, 56.55, 26.20, 56.75, 25.40, 57.40, 25.40, 57.20, 26.60, 56.40, 27.00, 55.40, 26.65, 54.50, 26.40)}}))

	air := zone(3, tracker.Avoid, tracker.Airspace,
		tracker.Names{KK: "Парсы шығанағының әуе кеңістігі", RU: "Воздушное пространство Персидского залива", EN: "Airspace over the Persian Gulf"}, tracker.Names{},
		orb.MultiPolygon{{ring(48.0, 30.0, 50.0, 27.0, 51.5, 26.5, 54.0, 25.6, 56.5, 26.6, 54.0, 27.4, 51.0, 28.8)}})
	air.FloorM, air.CeilingM = 0, 14_000
	publish(air)

	kuwait := zone(3, tracker.Prepare, tracker.Ground,
		tracker.Names{KK: "Кувейт қаласы (жоба)", RU: "Эль-Кувейт (проект)", EN: "Kuwait City (draft)"}, leave, orb.MultiPolygon{disc(47.99, 29.36, 18_000)})
	draft(kuwait)

	aqaba := zone(2, tracker.Prepare, tracker.Ground,
		tracker.Names{KK: "Ақаба мен Эйлат", RU: "Акаба и Эйлат", EN: "Aqaba and Eilat"}, care, orb.MultiPolygon{disc(35.0, 29.55, 15_000)})
	aqaba.ValidFrom, aqaba.ValidTo = m.now.Add(18*time.Hour).Truncate(time.Hour), m.now.Add(96*time.Hour).Truncate(time.Hour)
	publish(aqaba)
	return out
}
