//! The requests of a [`RunningClient`] for completions: rmcp's, by the parts of their parameters.

use rmcp::RoleClient;
use rmcp::model::{ArgumentInfo, CompleteRequestParams, CompletionContext, CompletionInfo, Reference};
use rmcp::service::{Service, ServiceError};

use crate::mcp::client::RunningClient;

impl<S: Service<RoleClient>> RunningClient<S> {
    /// rmcp's `complete_prompt_argument`.
    ///
    /// # Errors
    /// Those of rmcp, as they are.
    pub async fn complete_prompt_argument(
        &self,
        prompt_name: impl Into<String>,
        argument_name: impl Into<String>,
        current_value: impl Into<String>,
        context: Option<CompletionContext>,
    ) -> Result<CompletionInfo, ServiceError> {
        let argument = ArgumentInfo::new(argument_name, current_value);
        self.complete_argument(Reference::for_prompt(prompt_name), argument, context).await
    }

    /// rmcp's `complete_prompt_simple`.
    ///
    /// # Errors
    /// Those of rmcp, as they are.
    pub async fn complete_prompt_simple(
        &self,
        prompt_name: impl Into<String>,
        argument_name: impl Into<String>,
        current_value: impl Into<String>,
    ) -> Result<Vec<String>, ServiceError> {
        let completion = self.complete_prompt_argument(prompt_name, argument_name, current_value, None).await?;
        Ok(completion.values)
    }

    /// rmcp's `complete_resource_argument`.
    ///
    /// # Errors
    /// Those of rmcp, as they are.
    pub async fn complete_resource_argument(
        &self,
        uri_template: impl Into<String>,
        argument_name: impl Into<String>,
        current_value: impl Into<String>,
        context: Option<CompletionContext>,
    ) -> Result<CompletionInfo, ServiceError> {
        let argument = ArgumentInfo::new(argument_name, current_value);
        self.complete_argument(Reference::for_resource(uri_template), argument, context).await
    }

    /// rmcp's `complete_resource_simple`.
    ///
    /// # Errors
    /// Those of rmcp, as they are.
    pub async fn complete_resource_simple(
        &self,
        uri_template: impl Into<String>,
        argument_name: impl Into<String>,
        current_value: impl Into<String>,
    ) -> Result<Vec<String>, ServiceError> {
        let completion = self.complete_resource_argument(uri_template, argument_name, current_value, None).await?;
        Ok(completion.values)
    }

    async fn complete_argument(
        &self,
        of: Reference,
        argument: ArgumentInfo,
        context: Option<CompletionContext>,
    ) -> Result<CompletionInfo, ServiceError> {
        let mut params = CompleteRequestParams::new(of, argument);
        params.context = context;
        Ok(self.complete(params).await?.completion)
    }
}
