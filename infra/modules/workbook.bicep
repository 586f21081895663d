metadata description = 'A workbook with charts for operators.'

param workspaceId string
param location string
param tags object

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspaceId, 'license-assignments')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'License assignments'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: string(union(loadJsonContent('workbook.json'), { fallbackResourceIds: [workspaceId] }))
  }
}
