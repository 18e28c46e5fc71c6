"""Deploys the relay into an AWS account, checks it and deletes it. deploy.sh is its command."""
