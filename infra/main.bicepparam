using 'main.bicep'

// azd sets these two from its environment. An environment whose name ends in "prod" gets the production settings.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')

var production = endsWith(environmentName, 'prod')

param maximumInstanceCount = production ? 100 : 40
param alwaysReadyInstances = production ? 2 : 0
param instanceMemoryMB = 2048
param siteUpdateStrategy = production ? 'RollingUpdate' : 'Recreate'
param lockAssignments = production
param keepBackupsForDays = production ? 30 : 0
param watched = production
param ownOutboundAddress = production

// Set these with `azd env set`, for example OPERATOR_ADDRESSES=203.0.113.7,198.51.100.0/24.
var privateNetworkSetting = readEnvironmentVariable('PRIVATE_NETWORK', '')
param privateNetwork = empty(privateNetworkSetting) ? production : bool(privateNetworkSetting)
var zoneRedundantSetting = readEnvironmentVariable('ZONE_REDUNDANT', '')
param zoneRedundant = empty(zoneRedundantSetting) ? production : bool(zoneRedundantSetting)
var dailyCapSetting = readEnvironmentVariable('DAILY_CAP_GB', '')
param dailyCapGB = empty(dailyCapSetting) ? (production ? 10 : 1) : int(dailyCapSetting)
param operatorAddresses = filter(
  split(readEnvironmentVariable('OPERATOR_ADDRESSES', ''), ','),
  address => !empty(address)
)
param operatorIds = filter(split(readEnvironmentVariable('OPERATOR_IDS', ''), ','), id => !empty(id))
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
param runbook = readEnvironmentVariable('RUNBOOK', 'docs/operations.md')
param publicChecksPerMinute = int(readEnvironmentVariable('PUBLIC_CHECKS_PER_MINUTE', '60'))
param clientAddressHeader = readEnvironmentVariable('CLIENT_ADDRESS_HEADER', '')
