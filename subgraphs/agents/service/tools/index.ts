export { expensiveModel } from './expensive-model';
export { dataTools } from './data-tools';
export { httpTool } from './http-tool';
export { modelTools } from './model-tools';
export { openMcpTools, type McpTools } from './mcp-tools';
export { defineTool, waitsForApproval, type AnyTool, type Tool, type ToolContext, type ToolEffect, type ToolResult } from './tool';
export { workspaceTools, type WorkspacePorts } from './workspace-tools';
