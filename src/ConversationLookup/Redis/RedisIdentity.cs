using Azure.Core;
using StackExchange.Redis.Configuration;

namespace ConversationLookup.Redis;

/// <summary>
/// Signs in to Azure Managed Redis with a token instead of a password. It is asked at every connection, so that the next one after a
/// token's end, when the server closes them, has a fresh token.
/// </summary>
/// <remarks>https://learn.microsoft.com/azure/redis/entra-for-authentication; the user is the identity's object id.</remarks>
public sealed class RedisIdentity(TokenCredential credential) : DefaultOptionsProvider
{
    private static readonly TokenRequestContext Redis = new(["https://redis.azure.com/.default"]);

    public override string Password => credential.GetToken(Redis, CancellationToken.None).Token;
}
