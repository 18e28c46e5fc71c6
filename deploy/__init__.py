"""Deploys the relay into an AWS account, looks after it, and removes it. Started by deploy.sh."""
