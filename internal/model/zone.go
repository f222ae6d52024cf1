package model

import (
	"slices"
	"strings"
	"time"
)

// zoneRegions are the parts of the world that browsers know zones of. Servers
// know more, such as posix/ and right/.
var zoneRegions = strings.Fields(`Africa America Antarctica Arctic Asia Atlantic Australia Brazil Canada Chile Etc Europe
	Indian Mexico Pacific US`)

// shortZones are the zones without a region that browsers know. A server's
// localtime is another zone on each, and Factory is none.
var shortZones = strings.Fields(`CET CST6CDT Cuba EET EST EST5EDT Egypt Eire GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST
	Hongkong Iceland Iran Israel Jamaica Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland
	Portugal ROC ROK Singapore Turkey UCT UTC Universal W-SU WET Zulu`)

// validZone reports whether a name is an IANA time zone that means the same to
// every server and browser.
func validZone(name string) bool {
	region, _, within := strings.Cut(name, "/")
	if within && !slices.Contains(zoneRegions, region) || !within && !slices.Contains(shortZones, name) {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}
