-- What an account reacted to names comments by their ids.
CREATE INDEX comments_id ON content.comments (comment_id);
