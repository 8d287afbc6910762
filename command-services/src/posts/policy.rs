use clap::ValueEnum;
use domain::posts::Command as PostCommand;

/// Whether an editor approves what authors make public.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReviewPolicy {
    /// Only where authors ask for it.
    #[default]
    Optional,
    /// Always.
    Required,
}

impl ReviewPolicy {
    /// The command, on the condition that this sets.
    #[must_use]
    pub fn on(self, command: PostCommand) -> PostCommand {
        match self {
            Self::Optional => command,
            Self::Required => PostCommand::Reviewed(Box::new(command)),
        }
    }
}
