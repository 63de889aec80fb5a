// Package sms is the messages of the short message service as they go over the air, 3GPP
// TS 23.040 and TS 23.038: what a host writes into AT+CMGS, and what stands behind +CMT and
// +CDS. It knows no AT.
package sms
