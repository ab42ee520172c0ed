"""OpenID Connect: the authorization code flow with PKCE, against one provider that the settings name."""
