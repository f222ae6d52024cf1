package model

// Customs is the table of what is usual where.
var Customs = customs
