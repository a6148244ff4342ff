return await ConversationLookup.LocalHost.LocalHostApp.RunAsync(args);
