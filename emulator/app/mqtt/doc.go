// Package mqtt is the MQTT client of the applications and its commands, #XMQTTCON
// and so on.
package mqtt
